"""Tests that managers write beside their rules, as they are written: tests.yaml, read into parts.

Who plays and judges them is the house itself (`casella.inbox.rule_tests`).
"""
