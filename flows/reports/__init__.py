"""What a run says about itself: summaries, the page, what is kept of past runs."""
