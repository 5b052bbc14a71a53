"""The ways out: what is said is made into words and paper here, and handed to a transport under a permit.

What does not belong here: who may be reached when (casework asks the gate), and SQL.
"""
