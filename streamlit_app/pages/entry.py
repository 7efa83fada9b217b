"""Before the first case: consent, profile, instructions."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import LANGUAGES, language, say
from study.desk import Home, ReaderDesk

YEARS = ("0-4", "5-9", "10-19", "20-29", "30+")
POSITIONS = ("student", "resident", "specialist", "senior", "other")


def text(home: Home, text_id: str, tongue: str | None = None) -> str:
    """A task text of this study in a language, else in the study's first; its lines as paragraphs."""
    return home.text(text_id, tongue or language()).text.replace("\n", "\n\n")


def consent(reader: ReaderDesk, study: str, home: Home) -> None:
    """Ask for consent; declining is an answer too, and a copy is the reader's to keep."""
    st.title(say("consent_title"))
    words = text(home, "consent")
    with st.container(border=True):
        st.markdown(words)
    if home.member.state == "declined":
        st.info(say("consent_declined"))
    version = next(iter(home.texts["consent"].values())).version
    give, decline, copy = st.columns(3)
    if give.button(say("consent_give"), type="primary", width="stretch", key="consent-give"):
        reader.consent(study, "given", version)
        st.rerun()
    if decline.button(say("consent_decline"), width="stretch", key="consent-decline"):
        reader.consent(study, "declined", version)
        st.rerun()
    copy.download_button(say("consent_copy"), words, file_name="consent.txt", width="stretch", on_click="ignore")


def profile(reader: ReaderDesk, study: str, home: Home) -> None:
    """Ask what the analysis needs, in bands, and the languages; saving gives out the cases."""
    st.title(say("profile_title"))
    with st.form("profile"):
        languages = st.multiselect(
            say("profile_languages"),
            home.study.languages,
            default=home.study.languages if len(home.study.languages) == 1 else [],
            format_func=lambda key: LANGUAGES.get(key, key),
        )
        st.caption(say("profile_languages_help"))
        specialty = st.text_input(say("profile_specialty"), max_chars=80, autocomplete="off")
        years = st.selectbox(say("profile_years"), YEARS, index=None)
        position = st.selectbox(
            say("profile_position"), POSITIONS, index=None, format_func=lambda key: say(f"position_{key}")
        )
        if st.form_submit_button(say("profile_save"), type="primary"):
            if not languages:
                st.error(say("profile_none"))
                return
            answers = {
                "specialty": specialty.strip(),
                "years": years,
                "position": position,
                "interface_language": language(),
            }
            reader.save_profile(study, answers, languages)
            st.rerun()


def instructions(reader: ReaderDesk, study: str, home: Home) -> None:
    """Show how a case is read, once; it stays at hand on the list of readings."""
    st.title(say("instructions_title"))
    with st.container(border=True):
        st.markdown(text(home, "instructions"))
    if st.button(say("instructions_done"), type="primary", key="instructed"):
        reader.instructed(study)
        st.rerun()
