"""Calendars: a workspace's posts as a feed for calendar apps, by a link that is a secret and can be revoked.

calendars  a calendar, its link, and their store
feeds      whoever comes with a link, and which posts they see
rendering  the posts as iCalendar; who imports it imports that library
"""
