"""What uses of megawatts share, whatever their business: terms, conversion, tenants, the site they run on."""
