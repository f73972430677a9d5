"""The chart book: static pages with a chart for anyone to quote.

`topics` (measured once for all councils) → `councils`, `question_pages`, `chart_list` (every chart
by its slug) → `files` (a chart as files) → `pages` (what a page says) → `site` (the whole folder,
written by several processes). Pages only show: what they show is worked out in `findings/` and
`measures/`.
"""
