"""The engine as a service of the machine: on the local socket today, on the network later."""
