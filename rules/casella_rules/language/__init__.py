"""The words of the language: events, fields, operators, actions with their arguments, and the rules they make up."""
