"""A debt by component and period (本息清单): terms, interest, penalty, allocation, late performance, ceilings."""
