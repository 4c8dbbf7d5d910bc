"""The files of a desk folder and the secrets it names, read within bounds."""
