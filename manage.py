#!/usr/bin/env python
"""Django's command line, with the embedded servers started first where the environment names none."""

import os
import sys

WITHOUT_SERVERS = {"help", "version", "messages", "collectstatic", "build_map"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:] and sys.argv[1] not in WITHOUT_SERVERS and "--help" not in sys.argv:
        from config import embedded

        try:
            embedded.ensure()
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
