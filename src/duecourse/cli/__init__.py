"""The command line: noun, then verb. One module per noun; a module here is mounted by being here.

How to add a noun: write ``cli/<noun>.py`` with ``app = typer.Typer(help="...")`` and decorate its verbs with
``@app.command()``; or, for a word that stands alone, write one function and name it ``command``. Its help is the
docstring. Import what a verb needs inside the verb, so that the others start at once. Every verb that prints data takes
``json: Json = False`` and prints through ``cli.output``. Texts go through ``_`` of ``cli.words``, their Chinese into
``locale/zh_CN/<noun>.po``. Errors are raised, not printed: ``cli.failure`` words them and picks the exit status.

What does not belong here: decisions, SQL, arithmetic. A verb parses, calls one thing, prints.
"""
