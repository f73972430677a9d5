"""The chart book: static pages for whoever needs a true chart, its source and its numbers.

catalogue (every chart by its slug) ← councils (the charts of one council, from tables read once)
files (a chart as files) → pages (what a page says) → site (written whole, by several processes).
"""
