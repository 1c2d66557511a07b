"""Who somebody is: users, passwords, sessions, devices, second factors, API keys."""
