"""What `manage.py bench` measures, each against its bar.

The command prepares databases of its own on the same server and runs every piece of work in a process of its own, so that memory
and start are those of that work alone. Nothing here is part of the site.
"""
