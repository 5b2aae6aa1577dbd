"""Where a click wants to go is kept until the session is there, and not for ever."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def app() -> None:
    import streamlit as st

    from dashboard.panels import going

    def first() -> None:
        st.write("first page")
        st.button("Next", on_click=going.on_the_way, args=("second",), kwargs={"study": "S-1"})

    def second() -> None:
        st.write(f"second page, {st.query_params.get('study')}")

    def elsewhere() -> None:
        st.session_state["sent"] = st.session_state.get("sent", 0) + 1
        st.switch_page(st.session_state["pages"]["first"])

    pages = {
        "first": st.Page(first, url_path="first", default=True),
        "second": st.Page(second, url_path="second"),
        "elsewhere": st.Page(elsewhere, url_path="elsewhere"),
    }
    chosen = st.navigation(list(pages.values()))
    st.session_state["pages"] = pages
    going.arrive(chosen.url_path)
    chosen.run()


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(app).run()


def words(page: AppTest) -> list[str]:
    assert not page.exception
    return [said.value for said in page.markdown]


def test_a_click_arrives_with_its_address(page):
    assert words(page) == ["first page"]
    assert words(page.button[0].click().run()) == ["second page, S-1"]
    assert "going" not in page.session_state


def test_a_wish_whose_run_was_ended_is_taken_up_by_the_next_run(page):
    page.session_state["going"] = ("second", {"study": "S-2"}, 1)
    assert words(page.run()) == ["second page, S-2"]
    assert "going" not in page.session_state


def test_another_study_on_the_same_page_is_not_taken_for_the_goal(page):
    page.session_state["going"] = ("second", {"study": "S-2"}, 0)
    page.run()
    page.session_state["going"] = ("second", {"study": "S-3"}, 0)
    assert words(page.run()) == ["second page, S-3"]


def test_a_page_that_sends_its_visitors_elsewhere_is_not_asked_for_ever(page):
    page.session_state["going"] = ("elsewhere", {"study": "S-2"}, 0)
    assert words(page.run()) == ["first page"]
    assert "going" not in page.session_state
