"""Each section of a report, on small tables whose answer is known."""

from datetime import date

import pytest

from sentiment.reporting.build import build_report
from sentiment.reporting.section import Chart, Facts, Paragraph, Quotes, Table
from tests.scored import find_in, scored_row, write_scored

HOSTILE = (
    '</script><script>alert(1)</script> =HYPERLINK("x") {{7*7}} [red]\x1b[31m\u202egnirts\x00 javascript:x'
)


@pytest.fixture
def report_on(tmp_path):
    """Write rows, and give the report by section id."""

    def report_on(rows, columns=(), **options):
        found = find_in(write_scored(tmp_path / "made.scored.csv", rows, columns), **options)
        report = build_report(found)
        return report, {section.id: section for section in report.sections}

    return report_on


def blocks_of(section, kind):
    return [block for block in section.blocks if isinstance(block, kind)]


def lead_of(section):
    return next(
        block.text for block in section.blocks if isinstance(block, Paragraph) and block.kind == "lead"
    )


def many(counts, **cells):
    """Give rows: so many negative, neutral and positive ones, with the same other cells."""
    labels = ("negative", "neutral", "positive")
    return [
        scored_row(label, **cells) for label, count in zip(labels, counts, strict=True) for _ in range(count)
    ]


class TestHeadline:
    def test_shares_and_tasks_in_words(self, report_on):
        rows = [*many((20, 10, 70)), scored_row(""), scored_row("positive", needs_review="true")]
        _, sections = report_on(rows)

        texts = [block.text for block in sections["headline"].blocks]
        shares = "70.3% (60.8 to 78.3) are positive, 19.8% negative and 9.9% neutral"
        assert texts == [f"Of 101 reviews with a label, {shares}.", "1 review needs a person."]

    def test_what_changed_and_what_stands_out(self, report_on):
        rows = [
            *many((10, 10, 80), date="2025-01-15", product="lamp"),
            *many((40, 10, 50), date="2025-02-15", product="towel"),
        ]
        _, sections = report_on(rows)

        texts = [block.text for block in sections["headline"].blocks]
        assert texts[1] == (
            "The latest change that can be told from chance, in 2025-02: negative from 10.0% to 40.0%."
        )
        assert texts[2] == (
            "The product that stands out most: lamp with 10.0% (5.5 to 17.4) negative of 100 reviews, the "
            "rest "
            "40.0%."
        )

    def test_a_drop_that_has_passed_is_named_beside_its_recovery(self, report_on):
        rows = [
            row
            for month, (negative, reviews) in enumerate([(10, 100), (120, 200), (10, 50)], start=1)
            for row in many((negative, 0, reviews - negative), date=f"2025-{month:02}-10")
        ]
        _, sections = report_on(rows)

        assert [block.text for block in sections["headline"].blocks][1] == (
            "The latest change that can be told from chance, in 2025-03: negative from 60.0% to 20.0%. "
            "The clearest one, in 2025-02: negative from 10.0% to 60.0%."
        )

    def test_no_labels(self, report_on):
        report, sections = report_on([scored_row("")])

        assert lead_of(sections["headline"]) == "None of 1 row has a label, so there is nothing to tell."
        assert "Shares: no review has a label." in report.left_out

    def test_no_rows(self, report_on):
        _, sections = report_on([])

        assert lead_of(sections["headline"]) == "None of 0 rows has a label, so there is nothing to tell."
        assert list(sections) == ["headline", "worklist", "receipt", "model"]


class TestShares:
    def test_table_and_chart(self, report_on):
        _, sections = report_on(many((20, 10, 70)))
        [chart], [table] = (blocks_of(sections["shares"], kind) for kind in (Chart, Table))

        assert chart.kind == "shares"
        assert [(each.name, each.values) for each in chart.series] == [
            ("negative", (0.2,)), ("neutral", (0.1,)), ("positive", (0.7,)),
        ]  # fmt: skip
        assert chart.alternative == (
            "negative 20.0% (13.3 to 28.9), neutral 10.0% (5.5 to 17.4) and positive 70.0% (60.4 to 78.1)."
        )
        assert table.rows[0] == ("negative", "20", "20.0%", "13.3%", "28.9%")


class TestTrend:
    def test_a_real_change_is_marked_and_named(self, report_on):
        rows = [
            row
            for month in range(1, 7)
            for row in many((10, 10, 80) if month < 5 else (35, 10, 55), date=f"2025-{month:02}-10")
        ]
        _, sections = report_on(rows)
        [chart], [table] = (blocks_of(sections["trend"], kind) for kind in (Chart, Table))

        assert lead_of(sections["trend"]) == (
            "1 of 5 changes from month to month can be told from chance: 2025-05, negative from 10.0% to "
            "35.0%. "
            "From the first half of the time to the second, negative from 10.0% to 26.7%: that can be told "
            "from "
            "chance."
        )
        assert chart.marks == ((4, "negative from 10.0% to 35.0%"),)
        assert table.rows[3] == ("2025-04", "100", "10.0%", "10.0%", "80.0%", "within chance (p = 1.000)")
        assert table.rows[4] == ("2025-05", "100", "35.0%", "10.0%", "55.0%", "beyond chance (p < 0.001)")

    def test_steady_months_are_left_alone(self, report_on):
        rows = [
            row for month in range(1, 7) for row in many((10 + month % 2, 10, 80), date=f"2025-{month:02}-10")
        ]
        _, sections = report_on(rows)

        assert lead_of(sections["trend"]).startswith(
            "None of the 5 changes from month to month can be told from chance."
        )
        assert blocks_of(sections["trend"], Chart)[0].marks == ()

    def test_it_says_what_would_have_been_seen(self, report_on):
        rows = [row for month in (1, 2, 3) for row in many((20, 10, 70), date=f"2025-0{month}-10")]
        _, sections = report_on(rows)

        assert (
            "With 100 reviews in a month, a rise of negative reviews from 20.0% by 23.3 points would be "
            "found "
            "four times in five. Smaller ones mostly stay unseen."
        ) in [block.text for block in blocks_of(sections["trend"], Paragraph)]

    def test_small_months_and_dateless_reviews_are_named(self, report_on):
        rows = [
            *many((10, 10, 80), date="2025-01-10"),
            *many((5, 0, 0), date="2025-02-10"),
            *many((10, 10, 80), date="2025-04-10"),
            *many((0, 0, 3), date="soon"),
        ]
        _, sections = report_on(rows)
        [table] = blocks_of(sections["trend"], Table)

        assert [block.text for block in blocks_of(sections["trend"], Paragraph)][-2:] == [
            "Too small to judge, with fewer than 30 reviews: 2025-02.",
            "Left out here, because their date is missing or cannot be read: 3 reviews.",
        ]
        assert [row[1:3] + row[5:] for row in table.rows] == [
            ("100", "10.0%", ""),
            ("5", "100.0%", "too small to judge"),
            ("0", "", "too small to judge"),
            ("100", "10.0%", "within chance (p = 1.000)"),
        ]

    @pytest.mark.parametrize(
        ("slip", "reason"),
        [
            ("2035-01-01", "lies in the future"),
            ("1 Feb 52", "lies in the future"),
            ("2205-01-01", "lies in the future"),
            ("1970-01-01", "lies before 1990 or years before all others"),
            ("2001-01-01", "lies before 1990 or years before all others"),
        ],
    )
    def test_one_mistyped_year_leaves_the_trend_as_it_is(self, report_on, slip, reason):
        rows = [
            row
            for month in range(1, 7)
            for product in ("lamp", "towel")
            for row in many(
                (5, 0, 35) if month < 5 else (23, 0, 17), date=f"2025-{month:02}-20", product=product
            )
        ]
        _, without = report_on(rows)
        _, sections = report_on([*rows, scored_row(date=slip, product="lamp")])

        assert lead_of(sections["trend"]).startswith(
            "1 of 5 changes from month to month can be told from chance: 2025-05, negative from 12.5% to "
            "57.5%."
        )
        notes = [block.text for block in blocks_of(sections["trend"], Paragraph) if block.kind == "note"]
        assert notes == [f"Left out here, because their date {reason}: 1 review."]
        assert [block.rows for block in blocks_of(sections["trend"], Table)] == [
            block.rows for block in blocks_of(without["trend"], Table)
        ]

    def test_what_lies_in_the_future_is_a_matter_of_the_day(self, report_on):
        rows = [row for month in (1, 2, 3) for row in many((1, 1, 8), date=f"2025-0{month}-10")]
        report, _ = report_on(rows, today=date(2025, 1, 9))

        assert "Trend: all reviews are of one month, 2025-01." in report.left_out

    @pytest.mark.parametrize(
        ("date", "reason"),
        [
            (None, "Trend: no column holds dates."),
            ("2025-01-10", "Trend: all reviews are of one month, 2025-01."),
            ("soon", "Trend: the dates cannot be read (no dates)."),
            ("2035-01-01", "Trend: no review with a label has a date that lies between 1990 and today."),
            ("01/02/2025", "Trend: the dates cannot be read (day and month cannot be told apart)."),
        ],
    )
    def test_why_there_is_none(self, report_on, date, reason):
        cells = {} if date is None else {"date": date}
        report, sections = report_on(many((1, 1, 8), **cells))

        assert "trend" not in sections
        assert reason in report.left_out

    @pytest.mark.parametrize(("unit", "labels"), [("quarter", ["2025 Q1", "2025 Q2"]), ("year", ["2025"])])
    def test_the_step_can_be_named(self, report_on, unit, labels):
        rows = [row for month in (2, 4) for row in many((1, 1, 8), date=f"2025-0{month}-10")]
        report, sections = report_on(rows, unit=unit)

        if len(labels) > 1:
            assert [row[0] for row in blocks_of(sections["trend"], Table)[0].rows] == labels
        else:
            assert "Trend: all reviews are of one year, 2025." in report.left_out


class TestWhatChanged:
    def made(self, negative):
        """Give six months of two products; so many of the lamp's reviews in the last are negative."""
        return [
            row
            for month in range(1, 7)
            for product, worse in (("lamp", negative if month == 6 else 10), ("towel", 20))
            for row in many((worse, 0, 100 - worse), date=f"2025-{month:02}-10", product=product)
        ]

    def test_a_planted_drop_is_named(self, report_on):
        report, sections = report_on(self.made(40))
        [_, table] = blocks_of(sections["trend"], Table)
        texts = [block.text for block in blocks_of(sections["trend"], Paragraph)]

        moved = "negative from 10.0% to 40.0%"
        assert texts[-1] == (
            "In 2025-06, compared with the months before, 1 of 2 products changed by more than chance: "
            f"lamp, {moved}, by +30.0 (20.5 to 40.1) points."
        )
        assert table.caption == (
            "What changed in 2025-06, compared with the months before: the clearest first, points with 95 % "
            "intervals"
        )
        assert table.header == (
            "product", "reviews before", "in 2025-06", "what moved most", "points", "beside chance",
        )  # fmt: skip
        assert table.rows == (
            ("lamp", "500", "100", moved, "+30.0 (20.5 to 40.1)", "changed (p < 0.001)"),
            (
                "towel", "500", "100", "negative from 20.0% to 20.0%", "+0.0 (-7.6 to 9.5)",
                "within chance (p = 1.000)",
            ),
        )  # fmt: skip
        assert {"change", "many", "rise"} <= set(report.footnotes)
        assert (
            f"The product that changed most in 2025-06: lamp, {moved}, by +30.0 (20.5 to 40.1) points."
        ) in [block.text for block in sections["headline"].blocks]

    def test_nothing_is_named_where_nothing_changed(self, report_on):
        _, sections = report_on(self.made(10))

        assert blocks_of(sections["trend"], Paragraph)[-1].text == (
            "In 2025-06, compared with the months before, none of 2 products changed by more than chance."
        )

    def test_a_longer_step_is_taken_where_a_month_is_too_small(self, report_on):
        rows = [
            row
            for month in range(1, 7)
            for row in [
                *many((2, 0, 18), date=f"2025-{month:02}-10", product="lamp"),
                *many((1, 0, 14), date=f"2025-{month:02}-10", product="towel"),
                *many((0, 0, 3), date=f"2025-{month:02}-10", product="soap"),
            ]
        ]
        _, sections = report_on(rows)

        assert sections["trend"].title == "Trend by month"
        assert [block.text for block in blocks_of(sections["trend"], Paragraph)][-2:] == [
            "In 2025 Q2, compared with the quarters before, none of 2 products changed by more than chance.",
            "Too small to judge, with fewer than 30 reviews in 2025 Q2 or before: 1 product.",
        ]

    def test_small_counts_claim_nothing(self, report_on):
        rows = [
            *many((0, 0, 40), date="2025-01-10", product="lamp"),
            *many((10, 0, 0), date="2025-02-10", product="lamp"),
            *many((0, 0, 25), date="2025-02-10", product="towel"),
        ]
        _, sections = report_on(rows)

        assert len(blocks_of(sections["trend"], Table)) == 1
        assert blocks_of(sections["trend"], Paragraph)[-1].text == (
            "Which product changed cannot be told: none has 30 reviews in the latest step of time and 30 "
            "before it."
        )

    def test_a_step_that_is_named_is_kept_to(self, report_on):
        rows = [
            *many((0, 0, 40), date="2025-01-10", product="lamp"),
            *many((0, 0, 40), date="2026-02-10", product="lamp"),
            *many((0, 0, 40), date="2026-02-10", product="towel"),
        ]
        _, sections = report_on(rows, unit="week")

        assert "In 2026-W07, compared with the weeks before, none of 1 product changed" in (
            blocks_of(sections["trend"], Paragraph)[-2].text
        )


class TestGroups:
    def test_each_is_held_against_the_rest_and_small_ones_are_marked(self, report_on):
        rows = [
            *many((10, 10, 80), product="lamp"),
            *many((40, 10, 50), product="towel"),
            *many((2, 0, 8), product="soap"),
            *many((1, 0, 1), product="mat"),
        ]
        _, sections = report_on(rows)
        section = sections["groups"]
        [chart], [table] = (blocks_of(section, kind) for kind in (Chart, Table))

        assert section.title == "Products side by side"
        assert lead_of(section) == (
            "2 of 2 products differ from the rest: lamp with 10.0% (5.5 to 17.4) negative of 100 reviews, "
            "the rest "
            "38.4%; towel with 50.0% (40.4 to 59.6) positive of 100 reviews, the rest 79.5%."
        )
        assert [(row[0], row[1], row[-1]) for row in table.rows] == [
            ("lamp", "100", "differs (p < 0.001)"),
            ("towel", "100", "differs (p < 0.001)"),
            ("soap", "10", "too small to judge"),
        ]
        assert table.rows[0][2] == "10.0% (5.5 to 17.4)"
        assert chart.x == ("lamp", "towel")
        assert blocks_of(section, Paragraph)[-1].text == "Not shown: 1 smaller product with 2 reviews."

    def test_countries_and_versions_are_found_by_their_names(self, report_on):
        rows = [
            *many((5, 5, 30), **{"Reviewer Country": "SE", "App Version Name": "1.2"}),
            *many((5, 5, 30), **{"Reviewer Country": "NO", "App Version Name": "1.3"}),
        ]
        _, sections = report_on(rows)

        assert sections["groups"].title == "Countries and versions side by side"
        assert lead_of(sections["groups"]) == (
            "None of 2 countries with at least 30 reviews differs from the rest by more than chance."
        )

    def test_a_column_can_be_named(self, report_on):
        rows = [*many((5, 5, 30), **{"shop floor": "a"}), *many((1, 0, 4), **{"shop floor": "b"})]
        _, sections = report_on(rows, group_columns=("Shop Floor",))

        assert sections["groups"].title == "Shop floors side by side"
        # 40 reviews could be judged, but there are too few others to judge them by.
        assert blocks_of(sections["groups"], Table)[0].rows[0][-1] == "the rest is too small to judge"

    def test_without_groups(self, report_on):
        report, _ = report_on(many((1, 1, 8), product="lamp"))

        assert (
            "Side by side: no column with several products, countries, versions or files was found."
            in report.left_out
        )


class TestContradictions:
    def test_the_worklist_is_those_furthest_apart_first(self, report_on):
        rows = [
            scored_row("negative", "It broke at once.", rating="4", stars_disagree="true"),
            scored_row("positive", "Fine.", rating="5"),
            scored_row("negative", "It fell apart.", rating="5", stars_disagree="true", title="Oh"),
        ]
        _, sections = report_on(rows)
        section = sections["contradictions"]
        [quotes], [table] = (blocks_of(section, kind) for kind in (Quotes, Table))

        assert lead_of(section) == "Text and stars disagree in 2 of 3 rated reviews (66.7%)."
        assert [quote.row for quote in quotes.quotes] == [3, 1]
        assert quotes.quotes[0].text == "Oh: It fell apart."
        assert quotes.quotes[0].facts == (
            ("text reads", "negative"),
            ("confidence", "90.0%"),
            ("expected stars", "1.3"),
            ("given stars", "5"),
        )
        assert table.rows[0] == ("5", "1", "0", "1", "2")

    def test_no_more_than_twenty_are_shown_and_the_rest_is_counted(self, report_on):
        rows = [scored_row("negative", f"No {i}.", rating="5", stars_disagree="true") for i in range(23)]
        _, sections = report_on(rows)
        [quotes] = blocks_of(sections["contradictions"], Quotes)

        assert [quote.row for quote in quotes.quotes] == list(range(1, 21))
        assert quotes.left_out == 3

    @pytest.mark.parametrize(
        ("cells", "reason"),
        [
            ({}, "Stars against text: no column holds ratings."),
            ({"rating": ""}, "Stars against text: the ratings cannot be read (no ratings)."),
        ],
    )
    def test_why_there_are_none(self, report_on, cells, reason):
        report, _ = report_on([scored_row(**cells)])

        assert reason in report.left_out

    def test_agreement_is_said(self, report_on):
        _, sections = report_on([scored_row(rating="5")])

        assert lead_of(sections["contradictions"]) == "None of 1 rated review contradicts its stars."


class TestWorklist:
    def test_words_times_doubt_doubled_by_a_conflict(self, report_on):
        ten = "two three four five six seven eight nine ten"
        unsure = {"needs_review": "true", "predicted_confidence": "0.5000"}
        rows = [
            scored_row("positive", "short", **unsure),
            scored_row("positive", f"1 {ten}", rating="5", **unsure),
            scored_row("positive", f"2 {ten}", rating="1", **unsure),
            scored_row(
                "positive", f"3 {ten}", needs_review="true", predicted_confidence="0.4000", rating="5"
            ),
            scored_row("", f"4 {ten}", needs_review="true", review_status="language", rating="5"),
        ]
        _, sections = report_on(rows)
        [quotes] = blocks_of(sections["worklist"], Quotes)

        # 10 x 0.5 x 2 and 10 x 1 (of equals the first), 10 x 0.6, 10 x 0.5, 1 x 0.5.
        assert [quote.row for quote in quotes.quotes] == [3, 5, 4, 2, 1]
        assert ("status", "language") in quotes.quotes[1].facts
        assert lead_of(sections["worklist"]) == (
            "A person should read 5 of 5 rows (100.0%): of these the model is not sure, or it has no label "
            "to give."
        )

    def test_products_are_named_as_in_the_table_of_groups(self, report_on):
        _, sections = report_on([scored_row("positive", needs_review="true", product="'=cmd|x")])
        [quotes] = blocks_of(sections["worklist"], Quotes)

        assert ("product", "=cmd|x") in quotes.quotes[0].facts

    def test_a_text_is_shown_once_with_the_rows_of_its_copies(self, report_on):
        unsure = {"needs_review": "true", "predicted_confidence": "0.5000"}
        rows = [
            scored_row("positive", text, **unsure)
            for text in [
                "It is as it is",
                "it is as IT is",
                *["So so and so"] * 9,
                *(f"No {i}." for i in range(31)),
            ]
        ]
        _, sections = report_on(rows)
        [quotes] = blocks_of(sections["worklist"], Quotes)

        assert len(quotes.quotes) == 20
        assert [quote.facts[0] for quote in quotes.quotes[:3]] == [
            ("also in", "row 2"),
            ("also in", "rows 4, 5, 6, 7, 8 and 3 more"),
            ("text reads", "positive"),
        ]
        # 42 reviews, 2 + 9 + 18 of which are told of.
        assert quotes.left_out == 13
        assert lead_of(sections["worklist"]).startswith("A person should read 42 of 42 rows")

    def test_nothing_to_do(self, report_on):
        _, sections = report_on([scored_row()])

        assert lead_of(sections["worklist"]) == "No review needs a person."


class TestVoices:
    def test_extremes_are_the_surest_and_typical_ones_the_middle(self, report_on):
        def row(words, confidence):
            text = f"n{words} " * (words - 1) + "end"
            return scored_row("positive", text, predicted_confidence=f"{confidence:.4f}")

        rows = [row(words, 0.7 + words / 100) for words in range(8, 29)]
        _, sections = report_on(rows)
        typical, extreme = blocks_of(sections["voices"], Quotes)

        assert [quote.row for quote in extreme.quotes] == [21, 20, 19]
        assert [quote.row for quote in typical.quotes] == [11, 10, 12]

    def test_short_and_unsure_reviews_do_not_stand_for_others(self, report_on):
        rows = [
            scored_row("positive", "good"),
            scored_row("negative", "long enough " * 9, needs_review="true"),
        ]
        report, _ = report_on(rows)

        assert "Voices: no review is sure and long enough to stand for others." in report.left_out

    def test_a_text_is_shown_once(self, report_on):
        _, sections = report_on([scored_row("positive", "the same words again and again, all eight")] * 30)

        assert [len(quotes.quotes) for quotes in blocks_of(sections["voices"], Quotes)] == [1, 1]


class TestReceipt:
    def test_what_became_of_the_rows(self, report_on):
        rows = [scored_row(), scored_row("", review_status="empty", review_language="")]
        _, sections = report_on(rows)
        counts, read = blocks_of(sections["receipt"], Facts)

        assert dict(counts.facts) == {
            "rows": "2",
            "with a label": "1",
            "empty": "1",
            "without words": "0",
            "cut (over a million characters)": "0",
            "in a language that the model does not read": "0",
            "withheld (spam, hidden or a reply)": "0",
            "that need a person": "0",
            "languages": "en 1, not sure 1",
        }
        assert dict(read.facts)["columns"] == "text: body (header)"
        assert dict(read.facts)["repaired"] == "nothing"
        assert blocks_of(sections["receipt"], Paragraph)[0].text == (
            "How the source was read (its encoding, what was repaired) is not known from a scored file: "
            "python "
            "predict.py FILE --report writes it down."
        )

    def test_the_model_is_not_guessed(self, report_on):
        _, sections = report_on([scored_row()])

        assert blocks_of(sections["model"], Paragraph)[0].text == (
            "Which model scored the file is not known from the file: python predict.py FILE --report writes "
            "it "
            "down, or --model names it."
        )


class TestHostileText:
    def test_nothing_invisible_and_no_personal_data_reaches_a_page(self, report_on):
        text = f"{HOSTILE} write to jo@shop.example or tel. +46 70 123 45 67 now please"
        rows = [
            scored_row("negative", text, title=HOSTILE, rating="5", product=HOSTILE, stars_disagree="true"),
            scored_row("positive", text, rating="5", product="jo@shop.example"),
        ]
        report, _ = report_on(rows)
        content = repr(report)

        assert "<script>alert(1)</script>" in content  # escaping is the business of each form
        assert "{{7*7}}" in content
        assert "\u202e" not in content
        assert "\\x1b" not in content
        assert "\\x00" not in content
        assert "jo@shop.example" not in content
        assert "123 45 67" not in content
        assert "[email]" in content
        assert "[phone]" in content

    def test_a_long_text_is_masked_before_it_is_cut(self, report_on):
        _, sections = report_on(
            [scored_row("positive", "word " * 118 + "joanna@shop.example " + "word " * 2000)]
        )
        quote = blocks_of(sections["voices"], Quotes)[0].quotes[0]

        assert quote.cut
        assert quote.text.endswith("…")
        assert len(quote.text) <= 600
        assert "joanna" not in quote.text

    def test_an_apostrophe_of_ours_is_taken_away(self, report_on):
        _, sections = report_on([scored_row("positive", "'=SUM(A1) is what I paid for this thing here")])

        assert blocks_of(sections["voices"], Quotes)[0].quotes[0].text.startswith("=SUM(A1)")

    def test_entities_are_read(self, report_on):
        _, sections = report_on([scored_row("positive", "It hasn&#39;t faded &amp; it is as soft as ever")])

        assert blocks_of(sections["voices"], Quotes)[0].quotes[0].text.startswith("It hasn't faded & it")


class TestOtherSchemes:
    def test_classes_of_a_custom_scheme(self, tmp_path):
        path = tmp_path / "topics.scored.csv"
        path.write_text(
            "body,predicted_label,predicted_confidence,p_price,p_fit,review_status,needs_review\n"
            + "It was too dear for what it is,price,0.9,0.9,0.1,ok,false\n" * 30
            + "It was too small for me by far,fit,0.8,0.2,0.8,ok,false\n" * 10,
            encoding="utf-8",
        )
        found = find_in(path)
        report = build_report(found)

        assert found.tally.labels == ("price", "fit")
        assert report.sections[0].blocks[0].text == (
            "Of 40 reviews with a label, 75.0% (59.8 to 85.8) are price and 25.0% fit."
        )
