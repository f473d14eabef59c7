"""人员与共享: who may do what here, what others see of it, and who looked."""
