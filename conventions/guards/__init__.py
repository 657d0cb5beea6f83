"""What must hold before a transition. Each line of « ce qui manque » links to the field that mends it.

A guard yields `Missing` lines; errors block, warnings are only said.
"""
