"""The pages: each module draws one screen from what the database says, and keeps nothing of its own."""
