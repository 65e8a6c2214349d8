"""The warm process of an environment: it loads inmanta and the project once, and forks for each compile."""
