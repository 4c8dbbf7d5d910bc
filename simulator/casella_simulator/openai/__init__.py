"""An endpoint that speaks OpenAI's chat completions and says what its script says, with every way to misbehave."""
