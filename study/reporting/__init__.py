"""The report of a study: everything in it follows from the study's export alone.

``source`` reads an export, ``facts`` computes, each section states its numbers by id, ``page`` and ``markdown`` write
them, ``check`` derives all of it again and names what differs.
"""
