"""How a request becomes a call and an answer: routes as data, problems, one dispatcher for all of them."""
