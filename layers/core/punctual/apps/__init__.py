"""Our registrations with platforms: the workspace's own, the stack's, and those that Punctual makes itself.

finding     which of them counts
workspace, deployment, registered   one store each
stored      as they are sealed
"""
