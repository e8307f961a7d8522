"""The audit verb: labelled files in, the rows whose labels a person should look at out."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sentiment.config import AuditConfig
from sentiment.corpus import LabelledReviews, resolve_scheme
from sentiment.corpus.labelling import merge_casings, note_unknown, shown_labels
from sentiment.corpus.loading import load_reader
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.judging.audit_findings import (
    count_kinds,
    find_conflicts,
    find_contradicting_stars,
    list_findings,
)
from sentiment.judging.audit_rows import COLUMNS, Audit, check_free_columns, check_uncorrected, iter_rows
from sentiment.judging.label_errors import check_audit_packages, choose_judged_scheme, judge_labels
from sentiment.labels import STARS, LabelScheme
from sentiment.model import resolve_device, resolve_precision
from sentiment.model.encoder import load_encoder, load_tokenizer, resolve_encoder
from sentiment.model.hardware import PRECISION_NAMES
from sentiment.scoring.job import STANDARD_STREAM, resolve_format, resolve_output
from sentiment.tables import open_reader, open_writer
from sentiment.tables.reading.joined import ConcatenatedReader
from sentiment.tables.telling import say
from sentiment.tables.wording import count


def audit(config: AuditConfig) -> None:
    """List likely label errors, contradicting copies, and stars that contradict their text, in one file.

    The embeddings of all reviews are held in memory; rows stream, but for those with a finding.

    Raises:
        SentimentError: Then no output is written, and one that was there before is untouched.
    """
    start = time.perf_counter()
    output = resolve_audit_output(config.data, config.output)
    file_format = resolve_format(config.output, "csv")
    check_uncorrected(output)
    check_audit_packages()
    with ExitStack() as opened:
        paths = dict.fromkeys(config.data)
        reader = ConcatenatedReader([opened.enter_context(open_reader(path)) for path in paths])
        check_free_columns(reader)
        found = find_all(load_audited(reader, config), config)
        rows = iter_rows(reader, found, all_rows=config.all_rows)
        header = [*reader.source_columns, *COLUMNS]
        with open_writer(output, header, file_format=file_format, source=reader, new_types=COLUMNS) as writer:
            writer.write(rows)
        summary = _summarise(reader.receipt.rows, found, output, time.perf_counter() - start)
        say(config, *summary, *writer.notes())


def resolve_audit_output(data: Sequence[str], output: str | None) -> str:
    """Name the output: as asked, else `a.audit.csv` beside `a.csv`, or standard output for standard input.

    Raises:
        ConfigError: There are several files and no name was given.
        OutputError: The output is one of the files.
    """
    if output is None and len(data) == 1 and data[0] != STANDARD_STREAM:
        path = Path(data[0])
        output = str(path.with_name(f"{path.stem}.audit.csv"))
    return resolve_output(data, output, "csv")


def load_audited(reader: ConcatenatedReader, config: AuditConfig) -> LabelledReviews:
    """Load the labelled reviews of all files and splits; `rows` count on from file to file.

    Raises:
        DataError: A file has no text or label column, or no labelled review.
    """
    columns = LabelledColumns(
        config.text_column,
        config.title_column,
        config.label_column,
        as_names=config.label_scheme == "custom",
    )
    reviews = LabelledReviews()
    rows_before = 0
    for part in reader.parts:
        loaded = load_reader(part, columns)
        loaded.rows = [rows_before + row for row in loaded.rows]
        rows_before += part.receipt.rows
        reviews.extend(loaded)
    reviews.labels = merge_casings(reviews.labels)
    return reviews


def find_all(reviews: LabelledReviews, config: AuditConfig) -> Audit:
    """Judge the labels of reviews and list what a person should look at.

    Raises:
        DataError: The labels cannot be judged: unknown ones, one class only, or too few.
        ModelError: The encoder cannot be used.
        ConfigError: The device is not there, or the reviews do not fill the folds.
    """
    scheme, reason = resolve_scheme(config.label_scheme, reviews.kinds, Counter(reviews.labels))
    say(config, *reviews.notes, f"Label scheme: {scheme.name} ({reason}).")
    usable = reviews.select(i for i, label in enumerate(reviews.labels) if scheme.allowed_classes(label))
    if len(usable) < len(reviews):
        say(config, note_unknown(len(reviews) - len(usable), scheme))
    scheme = choose_judged_scheme(scheme, usable.labels)
    embeddings, facts = _embed(usable, scheme, config)
    judgement = judge_labels(embeddings, usable, scheme, config.folds)
    conflicts = find_conflicts(usable, scheme)
    findings = list_findings(judgement, conflicts, find_contradicting_stars(usable, judgement))
    return Audit(usable, judgement, conflicts, findings, facts)


def _embed(
    reviews: LabelledReviews, scheme: LabelScheme, config: AuditConfig
) -> tuple[NDArray[np.float32], list[tuple[str, str]]]:
    """Give embeddings (reviews, width), and on what they were made."""
    from sentiment.training.data import tokenise_reviews
    from sentiment.training.embedding import embed

    device, device_reason = resolve_device(config.device)
    dtype, precision_reason = resolve_precision(config.precision, device)
    source = resolve_encoder(config.encoder)
    encoder = load_encoder(source, config.max_length, device, dtype)
    tokenizer = load_tokenizer(source)
    tokens = tokenise_reviews(reviews, scheme, tokenizer, config.max_length)
    hidden = config.quiet or not sys.stderr.isatty()
    with tqdm(total=len(reviews), unit=" reviews", disable=hidden, leave=False) as bar:
        embeddings = embed(encoder, tokens, int(tokenizer.pad_token_id), config.batch_tokens, bar.update)
    facts = [
        ("encoder", config.encoder),
        ("device", f"{device} ({device_reason})"),
        ("precision", f"{PRECISION_NAMES[str(dtype)]} ({precision_reason})"),
    ]
    if tokens.cut_reviews:
        share = tokens.cut / (tokens.cut + int(tokens.lengths.sum()))
        facts.append(("cut", f"{share:.1%} of all tokens, of {count(tokens.cut_reviews, 'long review')}"))
    return embeddings, facts


def _summarise(rows: int, audit: Audit, output: str, seconds: float) -> list[str]:
    judgement = audit.judgement
    labels, accuracy = shown_labels(judgement.scheme.labels), f"{judgement.accuracy:.1%}"
    if judgement.scheme == STARS:
        accuracy += f", {1 - judgement.contradicted[judgement.judged].mean():.1%} within one star"
    kinds = [f"{kind} {count:,}" for kind, count in count_kinds(audit.findings).items()]
    facts = [
        ("rows", f"{rows:,} in {seconds:.1f} s"),
        ("judged", f"{count(judgement.judged.sum(), 'review')} as {labels}"),
        ("head", f"right out of fold {accuracy} (the commonest label: {judgement.commonest:.1%})"),
        ("findings", f"{count(len(audit.findings), 'row')}: {', '.join(kinds)}"),
        *audit.facts,
        ("output", "standard output" if output == STANDARD_STREAM else output),
    ]
    unjudged = int((~judgement.judged).sum())
    if unjudged:
        counted = count(unjudged, "row has", "rows have")
        facts.append(("note", f"{counted} a label of which too few others are there to judge."))
    return [f"{name:<16}{value}" for name, value in facts]
