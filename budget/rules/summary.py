"""The arithmetic of a year's summary: trees of amounts, what they leave unexplained, shares and execution. Pure.

Amounts are whole pesos; `None` is "not given", never zero. Shares are exact fractions, rounded where they are shown.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

# Raise it when a change here or in `budget.reports` makes old summaries wrong: all are then computed again.
RULES_VERSION = 2
# Parts that exceed their whole by more than this are shared out over their own sum, and the page says so.
TOLERATED_EXCESS = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Node:
    """One amount of a tree. `parent` is the id of the amount it is part of, empty for the root.

    `rest` marks what the parts leave of their whole: it has no name of its own. `also` is the id of the same account in another
    tree, where it can be opened further.
    """

    id: str
    parent: str
    name: str
    sentence: str
    amount: int
    rest: bool = False
    also: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """How an account, an area or a variable is called, and one sentence about it."""

    name: str
    sentence: str


def nearest(code: str, known: Container[str]) -> str:
    """The closest ancestor of a dotted `code` that is in `known`; empty if none is."""
    while "." in code:
        code = code.rpartition(".")[0]
        if code in known:
            return code
    return ""


def account_tree(root: str, amounts: Mapping[str, int | None], texts: Mapping[str, Text]) -> list[Node]:
    """The accounts under `root` that have an amount, each under its nearest ancestor that has one too; the root first."""
    known = {code: amount for code, amount in sorted(amounts.items()) if amount is not None}
    if root not in known:
        return []
    nodes = [
        Node(code, nearest(code, known), texts[code].name, texts[code].sentence, amount)
        for code, amount in known.items()
        if code == root or code.startswith(root + ".")
    ]
    return with_remainders(nodes)


def area_tree(
    root: Node, areas: Mapping[str, int | None], inside: Mapping[tuple[str, str], int | None], texts: Mapping[str, Text]
) -> list[Node]:
    """The management areas under `root`, and in each area the accounts given for it.

    `areas`: amount by area code (`01`). `inside`: amount by (area, account). `texts`: by `area-01` and by account code.
    """
    nodes = [root]
    for area, amount in areas.items():
        if amount is None:
            continue
        own = f"area-{area}"
        nodes.append(Node(own, root.id, texts[own].name, texts[own].sentence, amount))
        accounts = {code: value for (place, code), value in inside.items() if place == area and value is not None}
        for code, value in accounts.items():
            above = nearest(code, accounts)
            parent = f"{own}/{above}" if above else own
            nodes.append(Node(f"{own}/{code}", parent, texts[code].name, texts[code].sentence, value, also=code))
    return with_remainders(nodes) if len(nodes) > 1 else []


def split_by_area(
    nodes: list[Node], inside: Mapping[tuple[str, str], int | None], texts: Mapping[str, Text]
) -> list[Node]:
    """Add to each account of the tree that has no parts its amounts by area, where the source gives them."""
    whole = {node.parent for node in nodes}
    leaves = {node.id: node for node in nodes if node.id not in whole and not node.rest}
    parts = [
        Node(f"{code}/area-{area}", code, texts[f"area-{area}"].name, texts[f"area-{area}"].sentence, amount)
        for (area, code), amount in inside.items()
        if amount is not None and code in leaves
    ]
    split = {part.parent for part in parts}
    return nodes + with_remainders([leaves[code] for code in split] + parts, skip=split)


def with_remainders(nodes: list[Node], skip: Container[str] = ()) -> list[Node]:
    """The nodes and, under each whole that its parts do not fill, one node for what is left. Ids in `skip` are left out."""
    filled: dict[str, int] = {}
    for node in nodes:
        if node.parent:
            filled[node.parent] = filled.get(node.parent, 0) + node.amount
    rests = [
        Node(f"{node.id}/resto", node.id, "", "", node.amount - filled[node.id], rest=True)
        for node in nodes
        if node.id in filled and node.amount > filled[node.id]
    ]
    return [node for node in nodes if node.id not in skip] + rests


def children(nodes: Iterable[Node], parent: str) -> list[Node]:
    """The parts of `parent`, largest first, what is left of it last."""
    return sorted((node for node in nodes if node.parent == parent), key=lambda node: (node.rest, -node.amount))


def whole_of(node: Node, parts: Iterable[Node]) -> tuple[int, bool]:
    """What the shares of `parts` are measured against, and whether it is the node's own amount.

    It is the node's amount, unless the parts exceed it by more than `TOLERATED_EXCESS`: then their sum.
    """
    total = sum(part.amount for part in parts)
    fits = total - node.amount <= TOLERATED_EXCESS * abs(node.amount)
    return (node.amount, True) if fits else (total, False)


def share(part: int | None, whole: int | None) -> Fraction | None:
    """How much of every 100 pesos; None where either is missing or there is nothing to share."""
    if part is None or not whole or whole < 0:
        return None
    return Fraction(100 * part, whole)


Stages = tuple[int | None, int | None, int | None]


def stages(headline: Mapping[str, int | None]) -> tuple[Stages, Stages]:
    """Planned at first, planned after changes, and done: of the expense, and of the income.

    The cash of the year before is part of the income budget, but most municipalities do not record it as received: it is taken
    out of the three, or the income would look undone. `headline` is described in `budget.reports`.
    """
    income: list[int | None] = []
    for stage in ("initial", "current"):
        amount = headline[f"income_{stage}"]
        income.append(None if amount is None else amount - (headline[f"opening_{stage}"] or 0))
    return (
        (headline["initial"], headline["current"], headline["accrued"]),
        (income[0], income[1], headline["received_new"]),
    )


def drawable(nodes: list[Node]) -> list[Node]:
    """The nodes of a treemap: only positive amounts, and each whole exactly the sum of its parts.

    A treemap cannot show a negative amount nor parts larger than their whole; the table beside it does.
    """
    by_parent: dict[str, list[Node]] = {}
    for node in nodes:
        by_parent.setdefault(node.parent, []).append(node)

    def visit(node: Node) -> list[Node]:
        below = [kept for part in by_parent.get(node.id, []) for kept in visit(part)]
        total = sum(kept.amount for kept in below if kept.parent == node.id)
        whole = replace(node, amount=total or node.amount)
        return [whole, *below] if whole.amount > 0 else []

    return [kept for root in by_parent.get("", []) for kept in visit(root)]
