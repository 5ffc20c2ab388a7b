"""What the policy of our pages needs of the site's layout is read once for each layout."""

from __future__ import annotations

from paidsupport.kernel.web.policy import guards_of, without_passing

_HEAD = '<meta name="csrf" content="{0}"><script nonce="{1}">go()</script>'
_FORM = '<form><input type="hidden" name="csrf_token" value="{0}"></form>'
_SCRIPT = '<script>send("{0}")</script>'


def test_tokens_and_nonces_make_no_other_layout() -> None:
    """Two visitors, or one a second later: it has not to be read again."""
    first, second = (
        without_passing((_HEAD + _FORM).format(token, nonce), token, nonce, "")
        for token, nonce in (("t1", "n1"), ("t2", "n2"))
    )
    assert first == second
    assert "go()" in first


def test_a_script_that_holds_a_token_is_another_one_each_time() -> None:
    """Its hash is, too: that of an earlier one would keep the browser from running it."""
    layouts = [(_SCRIPT + _FORM).format(token) for token in ("t1", "t2")]
    assert [
        without_passing(layout, token) for layout, token in zip(layouts, ("t1", "t2"), strict=True)
    ] == layouts
    assert guards_of(layouts[0], "localhost") != guards_of(layouts[1], "localhost")
