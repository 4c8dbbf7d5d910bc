"""Law 8, generated: nobody sees what is not his, whatever the API and the feed will have."""
