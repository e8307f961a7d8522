"""From scored rows to a page that a team can mail: aggregates, statistics, sections, pictures."""
