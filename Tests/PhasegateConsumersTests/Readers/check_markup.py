"""Parses a page's HTML with html5lib and its CSS with tinycss2, both strictly, and prints the errors as JSON.

Both know the standards' syntax and nothing else: not which element may stand
where, not which attribute or property exists. The Nu checker judges that.
"""

import json
import pathlib
import sys

import html5lib
import tinycss2

source = pathlib.Path(sys.argv[1]).read_bytes()
parser = html5lib.HTMLParser(namespaceHTMLElements=False)
tree = parser.parse(source, transport_encoding="utf-8")
errors = [f"line {place[0]}: {html5lib.constants.E.get(code, code) % data}" for place, code, data in parser.errors]


def css(nodes):
    """Errors of a rule's block, and of the blocks within."""
    for node in nodes:
        if node.type == "error":
            yield f"CSS line {node.source_line}: {node.message}"
        elif node.type == "at-rule" and node.content is not None:
            known = node.lower_at_keyword in ("media", "supports", "layer", "container")
            yield from css(
                tinycss2.parse_rule_list(node.content, True, True)
                if known
                else tinycss2.parse_blocks_contents(node.content, True, True)
            )
        elif node.type == "qualified-rule":
            yield from css(tinycss2.parse_blocks_contents(node.content, True, True))


sheets = [element.text or "" for element in tree.iter("style")]
for sheet in sheets:
    errors += css(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True))
for element in tree.iter():
    if "style" in element.attrib:
        errors += css(tinycss2.parse_blocks_contents(element.attrib["style"], True, True))
json.dump({"elements": sum(1 for _ in tree.iter()), "sheets": len(sheets), "errors": errors}, sys.stdout)
