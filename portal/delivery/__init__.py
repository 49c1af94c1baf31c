"""What leaves the portal: events, webhooks, mail, jobs and documents."""
