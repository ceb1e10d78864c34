"""Who people are: accounts, how they log in, and what proves it afterwards."""
