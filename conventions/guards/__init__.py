"""The conditions of each transition. A guard yields `Missing` lines, which « ce qui manque » lists.

Each line has the address of the field to fill in. Errors block the transition; warnings are only shown.
"""
