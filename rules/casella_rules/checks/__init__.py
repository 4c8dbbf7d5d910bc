"""What is wrong between rules or within one although each word is right: dead rules, loops, what is hardly meant."""
