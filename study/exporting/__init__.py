"""What leaves the record: one module reads it over the wire, one makes each table, one writes each format."""
