"""
The descriptions of this module's services, in ``generator.services``, beside the distribution that turns them into a model.

``python -m generator`` is the command ``service-generator`` for the descriptions of this folder.
"""
