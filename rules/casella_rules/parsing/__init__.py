"""From a YAML tree to rules, with every problem at once and what to write instead."""
