"""Pick: what is published of a chosen story, its summary made or as an editor wrote it."""

from collections.abc import Sequence

from digest.curate import rank
from digest.curate.matching import topics_of
from digest.curate.rules import Rules
from digest.curate.sentences import paragraphs
from digest.curate.summarise import Document, Summary, summarise
from digest.model.article import count_words
from digest.model.issue import Coverage, Pick, Telling, ToldStory
from digest.model.states import Form
from digest.model.words import joined

WORDS_A_MINUTE = 230
ALSO_MAX = 4
#: A text without a link is printed whole up to this length.
WHOLE_WORDS, WHOLE_CHARACTERS = 60, 800


def pick(story: ToldStory, section: str, form: Form, rules: Rules) -> Pick:
    """Return what is published of a story: of one telling, with the words of an editor in the place of its own where there are some."""
    edit = rules.edit(story)
    tellings = _peers(story, rules)
    documents = [Document(title=t.headline, standfirst=t.standfirst, text=t.text, language=t.language) for t in tellings]
    whole = "" if story.lead.url else _whole(story.lead)
    if edit.summary:
        summary = Summary(text=edit.summary, document=tellings.index(story.lead))
    elif whole:
        summary = Summary(text=whole, document=tellings.index(story.lead))
    else:
        summary = summarise(documents, Form.TOP if form is Form.TOP else Form.FULL)
    chosen = tellings[summary.document]
    others = {t.publisher: t.url for t in reversed(story.tellings) if t.url and t.publisher != chosen.publisher}
    minutes = _minutes(chosen, summary.text)
    return Pick(
        story_id=story.story_id,
        section=section,
        form=form,
        headline=edit.headline or chosen.headline,
        summary=summary.text,
        made_from=f"written by {edit.by}" if edit.summary else _made_from(chosen, summary),
        publisher=chosen.publisher,
        author=chosen.author,
        url=chosen.url,
        image=chosen.image if chosen.image.startswith("https://") else "",
        image_info=chosen.image_info,
        complete=not chosen.url and ((bool(whole) and not edit.summary) or not (chosen.text or chosen.standfirst)),
        language=chosen.language,
        minutes=minutes,
        also=tuple(Coverage(publisher=name, url=url) for name, url in reversed(others.items()))[:ALSO_MAX],
        updated=chosen.revised_at is not None,
        article_id=chosen.article_id,
        has_page=not chosen.url and minutes > 0,
        topics=_topics(story, section, rules),
    )


def _topics(story: ToldStory, section: str, rules: Rules) -> Sequence[str]:
    """Return the topics of a story: of all its tellings, and of the section that took it for another reason."""
    own = [topic for telling in story.tellings for topic in topics_of(telling)]
    return tuple(dict.fromkeys([*own, *(topic for rule in rules.sections if rule.name == section for topic in rule.topics)]))


def _minutes(telling: Telling, summary: str) -> int:
    """Return the reading time in minutes; 0 if the text is not known, is only for subscribers, or is all in the summary."""
    if not telling.text or telling.is_free is False or (not telling.url and telling.word_count <= count_words(summary)):
        return 0
    return -(-telling.word_count // WORDS_A_MINUTE)


def _whole(telling: Telling) -> str:
    """Return the whole text if it is short enough to be printed; else empty."""
    text = telling.text or telling.standfirst
    return joined(paragraphs(text)) if count_words(text) <= WHOLE_WORDS and len(text) <= WHOLE_CHARACTERS else ""


def _peers(story: ToldStory, rules: Rules) -> Sequence[Telling]:
    """
    Return the tellings that may be printed for a story: its lead, and its equals.

    Headline, summary and link are of one telling. The one most representative of all is
    printed, but none of a source that weighs less than the lead's, nor one that may still change.
    """
    lead = story.lead
    return [t for t in story.tellings if t is lead or (rules.is_settled(t) and rank.peers(t, lead))]


def _made_from(telling: Telling, summary: Summary) -> str:
    """Describe in words the source of a summary."""
    if not summary.text:
        return ""
    return f"{'the standfirst' if summary.standfirst else 'sentences'} of {telling.publisher}"
