"""The Streamlit app: sign-in, reading desk, coordinator and analyst pages."""
