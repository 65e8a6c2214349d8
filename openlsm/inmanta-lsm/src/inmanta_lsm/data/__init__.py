"""The tables of the extension: the documents, and the queries on them."""
