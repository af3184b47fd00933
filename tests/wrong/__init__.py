"""What each check must refuse: objects that are right but for one thing. `reason` is how the refusal must read."""
