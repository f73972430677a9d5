"""The chart book: static pages for whoever needs a true chart, its source and its numbers.

topics (measured once for all councils) → councils; question_pages; chart_list (every chart by its
slug) → files (a chart as files) → pages (what a page says) → site (written by several processes).
"""
