"""What of the work is owed to people unasked: reminders, alarms, calendars."""
