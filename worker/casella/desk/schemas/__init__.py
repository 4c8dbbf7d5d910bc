"""JSON Schemas of the desk's files for editors, made from the live desk."""
