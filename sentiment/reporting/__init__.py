"""From scored rows to a page that a team can mail: aggregates, statistics, sections, and how they are drawn."""
