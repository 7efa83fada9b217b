"""A study moves with its whole record from one place to another: out of a box into a Supabase project, or back."""
