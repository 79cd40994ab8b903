"""One module a rule: `CODE` is the module's name with dashes, the docstring is its page."""
