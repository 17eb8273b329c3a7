"""The periodic report: one HTML file that stands alone, and a Markdown twin.

`facts` asks the questions, `story` turns answers into sections, `charts` draws, `page` and `markdown` write.
"""
