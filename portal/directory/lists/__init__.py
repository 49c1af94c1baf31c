"""Supplier lists: what turns an uploaded file into proposed supplier records, without database and network.

The way of a file: `table.read_table` -> `columns.plan_columns` (guessed, or confirmed by the buyer) ->
`rows.read_rows` -> `matching.match_rows` against the buyer's own records -> `summary.summarize`.
"""
