"""What would have happened under other rules: the stored decisions, decided again. Nothing is sent, nothing written.

rows      reads the history in one unchanging view, a page of conversations at a time
rulesets  the rules that decided then, and the ones to try
known     which facts the history holds, and which rules therefore cannot be asked
effects   what a decision does, in a form in which two can be compared
world     how a conversation would have stood differently after the new rules' decisions
compare   one conversation, then and now
waiting   the teams' queues, modelled for both
report    what was found, counted and with examples
replay    the whole run
"""
