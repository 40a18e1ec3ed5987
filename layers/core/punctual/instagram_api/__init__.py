"""How Instagram speaks, whichever way an account was connected. https://developers.facebook.com/docs/instagram-platform"""
