"""Placeholders of templates that say when they gave nothing: their expressions are wrapped
in a function that looks at each value as the template is rendered, with its conditions and
loops."""

from lxml import etree, html

from odoo.tools.rendering_tools import parse_inline_template

# Name of the function in the templates.
WATCH = "care_plan_watch"
OUT = ("t-out", "t-esc")


def watched(source, engine) -> tuple[str, list[str]]:
    """A template whose placeholders are watched.

    :param engine: ``qweb`` or ``inline_template``
    :return: the template, and the expressions of its placeholders by their number
    """
    if engine == "qweb":
        return _watched_qweb(source)
    return _watched_inline(source)


def _call(number, expression) -> str:
    return f"{WATCH}(object, {number}, ({expression}))"


def _watched_inline(source):
    texts, expressions = [], []
    for text, expression, default in parse_inline_template(source):
        texts.append(text)
        if expression and default:
            # The author of the template thought of the case.
            texts.append(f"{{{{ {expression} ||| {default} }}}}")
        elif expression:
            texts.append(f"{{{{ {_call(len(expressions), expression)} }}}}")
            expressions.append(expression)
    return "".join(texts), expressions


def _watched_qweb(source):
    root, expressions = html.fragment_fromstring(source, create_parent="div"), []
    for node in root.iter(etree.Element):
        for name in OUT:
            expression = (node.get(name) or "").strip()
            # ``0`` is the content that a template is called with.
            if expression and expression != "0":
                node.set(name, _call(len(expressions), expression))
                expressions.append(expression)
    text = html.tostring(root, encoding="unicode")
    return text.removeprefix("<div>").removesuffix("</div>"), expressions


def is_empty(value) -> bool:
    """Whether a placeholder leaves a gap. Zero is a value."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return False
    return not value or (isinstance(value, str) and not value.strip())
